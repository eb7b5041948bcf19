"""The report as one page: what is gathered from the state file, how it is plotted, and the page itself."""
