// DiffBir.Tensor is the host's tensor; libtorch's carries another name throughout.
global using TorchTensor = TorchSharp.torch.Tensor;
