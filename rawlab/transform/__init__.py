"""Changes to packets in bulk: pseudonyms for addresses, shorter packets. No I/O."""
