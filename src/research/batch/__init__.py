"""Many reports at once: each right and complete, none holding anything of another."""
