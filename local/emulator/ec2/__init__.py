"""EC2 by moto, with what it lacks of time: states that take a while, events, client tokens, and permissions per resource."""
