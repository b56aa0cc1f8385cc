"""
Read a number
=============

A photograph of a page, from pixels to numbers. You can use any file that Pillow opens
instead of the sample page.
"""

# %%
# The reader needs no training: it uses the networks that come with the package.
import matplotlib.pyplot as plt
from PIL import Image

from skmnist import DigitNormalizer, NumberReader, load_pretrained, load_sample_pages

pages = {path.stem: path for path in load_sample_pages().pages}
reading = NumberReader().read(pages["account"])
print(reading.text)

# %%
# Each digit has a box, a label and a probability. Uncertain digits are question marks
# in the text, and are drawn in another colour.

# sphinx_gallery_thumbnail_number = 1
for digit in reading.digits[:3]:
    print(digit)
fig, ax = plt.subplots(figsize=(6, 6.5), layout="constrained")
reading.plot(ax)

# %%
# The numbers are text, so they can be checked: the last one is the sum of the others.
*items, total = (float(number.text) for number in reading.numbers)
print(f"{sum(items):.2f}, {total:.2f}")

# %%
# A table of numbers becomes a data frame.
table = NumberReader().read_table(pages["scores"])
print(table)

# %%
# How does a picture become an input of the classifier? For a picture of a single digit,
# the normaliser shows each step.
left, top, right, bottom = reading.digits[0].box
page = Image.open(pages["account"]).convert("RGB")
six = page.crop((left - 8, top - 8, right + 8, bottom + 8))
fig, axes = plt.subplots(2, 2, figsize=(5, 5.4), layout="constrained")
stages = DigitNormalizer().explain(six).plot(axes=axes)
print("a single digit:", load_pretrained().predict(stages.result.reshape(1, -1)))
plt.show()
