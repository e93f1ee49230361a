"""What experiments on modalities share: cold items, representations, a network for each variant and seed."""
