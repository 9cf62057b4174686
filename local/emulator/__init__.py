"""The embedded AWS: ministack and moto in one process, completed with what NovaCron needs of AWS."""
