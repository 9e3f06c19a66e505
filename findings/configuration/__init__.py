"""An organization's configuration as text: read strictly, compared with what there is. Pure."""
