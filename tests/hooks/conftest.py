"""The harbour of the fleets: pairs with helpdesks of their own."""

from tests.fleet.conftest import harbour

__all__ = ["harbour"]
