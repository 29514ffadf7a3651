// DiffBir.Tensor is the host's tensor; libtorch's carries another name throughout.
global using Tensor = DiffBir.Primitives.Tensor;
global using TorchTensor = TorchSharp.torch.Tensor;
