"""What can be registered, as plain typed values. Nothing is registered by making them."""
