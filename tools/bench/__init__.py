"""The benchmark: what the panel costs at a million visits, beside the floor and beside two stock admins. `make bench`.

Everything is asked over HTTP of the server that `python app.py` starts, signed in, with the row scope and the rules on.
The floor is the same rows by the database's driver alone.
"""
