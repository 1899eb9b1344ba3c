"""Where in the picture the Swin sees the defect."""
