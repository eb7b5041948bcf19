"""The program as a later version would be: its state has one column more."""

import state.postgres.schema as tables
from state.migrations import version

version.LATEST += 1
tables.LATER[version.LATEST] = ("ALTER TABLE conversations ADD COLUMN newer TEXT",)

if __name__ == "__main__":
    from connector.cli import main

    main()
