// Placeholder until the first test of the server is written below.
