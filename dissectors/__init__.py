"""The protocols that come with rawlab, one file each."""
