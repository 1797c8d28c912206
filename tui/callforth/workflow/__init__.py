"""What people do to a workspace, one file per verb; nothing else changes one."""
