"""The pages on which plans change: moving, cancelling, declining, proposing."""
