"""Display filters: Wireshark's language over every declared field."""
