"""Reading a planned AI use: cues, the plan, what was read, the points to note, the operator's colours. All pure."""
