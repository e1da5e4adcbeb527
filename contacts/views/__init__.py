"""Pages of the decision scheme, and what pages above share with them."""

from contacts.views.scheme import ClientPicker, card_url, crumbs_of

__all__ = ["ClientPicker", "card_url", "crumbs_of"]
