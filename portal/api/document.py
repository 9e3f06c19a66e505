"""The OpenAPI document as it is handed out; what is in it, see schema.py."""

from functools import lru_cache

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

RENDERERS = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}


class DocumentView(SpectacularAPIView):
    """As YAML or JSON; the same for everybody, so each process makes it once: it takes a second."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        return HttpResponse(
            _document(renderer.format),
            content_type=f"{renderer.media_type}{charset}",
            headers={"Content-Disposition": f'inline; filename="Cairn.{renderer.format}"'},
        )


@lru_cache
def _document(form: str) -> str | bytes:
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return RENDERERS[form]().render(document)
