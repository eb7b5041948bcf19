"""The Dashly (Carrot quest) emulator: Web API v2 and the operator panel."""
