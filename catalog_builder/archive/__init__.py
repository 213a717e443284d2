"""The archive room: folders and vendor files in, :class:`~catalog_builder.archive.delivery.Delivery` out.

Knows vendor formats; opens no pixels beyond headers; never writes into an archive.
"""
