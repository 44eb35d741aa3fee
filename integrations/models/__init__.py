"""The models of this layer."""

from integrations.models.delivery import Delivery, DeliveryQuerySet
from integrations.models.endpoint import Endpoint, EndpointQuerySet

__all__ = ["Delivery", "DeliveryQuerySet", "Endpoint", "EndpointQuerySet"]
