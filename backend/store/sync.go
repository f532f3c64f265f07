package store

// Sync makes everything that was committed so far durable: after it the log that it came from may be trimmed.
func (s *Store) Sync() error { return s.syncDatabase() }
