//! Where things lie: maps, keys, values, records, scratch memory.
