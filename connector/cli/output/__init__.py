"""What commands print: cells, tables, JSON, errors as sentences."""
