"""Permission, data scope and masking: who may do what, to which objects, and what they see."""
