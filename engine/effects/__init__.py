"""What each transition does beyond changing the state. `engine.advance` has it done inside the transaction."""

from engine.effects import aftercare, approvals, desk, gifts, money, regulations, resources, visits, visits_notice

FILES = (approvals, visits, visits_notice, desk, resources, gifts, money, aftercare, regulations)
"""Where the effects stand: each file binds its own when it is imported."""
