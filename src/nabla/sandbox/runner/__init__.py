"""What runs inside the sandbox. Imports nothing of nabla outside this folder, and holds no secret."""
