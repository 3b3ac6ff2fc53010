"""The trained network, written once.

``weights`` reads a model, ``directions`` and ``bone_lengths`` evaluate its two networks,
``estimate`` joins them. What differs between a clip and a stream is how past frames are found
(``timelines``); what differs between NumPy and Keras is whose arrays they are (``arrays``).
"""
