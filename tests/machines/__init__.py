"""A school on several machines, in the shape of compose.yaml, as processes on this one."""
