"""Models of drugs in a body, as data and arithmetic; no pump and no simulated world. Never for treating anyone.

The host reckons with them (target-controlled infusion), and the simulator's patients live by them.
"""

TEACHING = "teaching model"  # stands in every output that comes from one
