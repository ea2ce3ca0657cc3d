"""Settings and channel configuration: parsed, validated, frozen."""
