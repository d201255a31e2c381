"""Leak audit: can anything but physiology tell real ECGs from synthetic ones?

`features` measures what has nothing to do with the heart, `classify` asks how well it separates the arms and how well
chance would, `waveforms` is the machine reader, `report` says which property gives an arm away.
"""
