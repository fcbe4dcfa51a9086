c = get_config()
load_subconfig("project_config.py")  # the project's own nbgrader_config.py, copied beside this file
c.Nabla.framework = "numpy"
c.Nabla.preload = ["numpy"]
