"""The program: entitlement, problem, linear program, goals, whole persons."""
