from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Opaque cursors over the internal id, so that a page never repeats or leaves out a row."""

    ordering = "-id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
