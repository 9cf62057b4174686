"""Systems Manager: activations, managed nodes, documents and Run Command, executed by agents on real hosts."""
