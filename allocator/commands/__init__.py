"""The commands, one module for each who asks: parse, call, print."""
