"""Measurements of the product against today's tools and against the floor of the machine. Inputs are made on the spot, seeded."""
