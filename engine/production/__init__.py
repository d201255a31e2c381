"""Many ECGs: an order as data, drawn in shards by several processes, into a folder or an object store."""
