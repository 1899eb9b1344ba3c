"""The dashboard for QA staff, a Streamlit application over the registry and the object store."""
