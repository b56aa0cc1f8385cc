"""
Fit and score
=============

The digits that come with scikit-learn, one fit, and what the network mistakes.
"""

# %%
# 1,797 real handwritten digits in MNIST's form: 28x28 pixels, 0 to 255. With
# ``fetch_mnist`` in place of ``load_digits28`` these are the 70,000 of MNIST.
import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from skmnist import MNISTClassifier, load_digits28

X, y = load_digits28(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# The defaults are the classic recipe. Early stopping keeps the best epoch.
classifier = MNISTClassifier(early_stopping=True, random_state=0)
classifier.fit(X_train, y_train)
print(classifier.summary())
print(f"accuracy {classifier.score(X_test, y_test):.3f}")

# %%
# Anything of scikit-learn's that takes a classifier takes this one.
ConfusionMatrixDisplay.from_estimator(classifier, X_test, y_test, colorbar=False)
plt.tight_layout()
plt.show()
