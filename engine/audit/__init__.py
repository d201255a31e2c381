"""Leak audit: can anything but physiology tell real ECGs from synthetic ones?

`features` measures what has nothing to do with the heart, `shown` what is missing among the measurements below an ECG,
`classify` asks how well it separates the arms and how well chance would, `report` says which property gives an arm
away. `serving` takes times and bytes where somebody says how ECGs are served, `answering` is the process that does it
all. `machine` reads the waveforms (`waveforms`) as people do, physiology included: a figure of its own, which says
nothing of leaks.
"""
