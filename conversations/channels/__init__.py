"""Channel adapters, one folder per channel: what comes in becomes one command for `ingest`."""
