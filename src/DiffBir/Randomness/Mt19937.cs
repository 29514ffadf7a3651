namespace DiffBir.Randomness;

/// <summary>The Mersenne Twister of Matsumoto and Nishimura (1998): 32 random bits at a time.</summary>
internal sealed class Mt19937
{
    private const int Size = 624;
    private const int Offset = 397;
    private const uint UpperBit = 0x8000_0000;

    private readonly uint[] _state = new uint[Size];
    private int _used = Size;

    public Mt19937(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            var previous = _state[i - 1];
            _state[i] = (1812433253u * (previous ^ (previous >> 30))) + (uint)i;
        }
    }

    public uint NextUInt32()
    {
        if (_used == Size)
        {
            Twist();
        }

        var y = _state[_used++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (var i = 0; i < Size - Offset; i++)
        {
            _state[i] = _state[i + Offset] ^ Twisted(_state[i], _state[i + 1]);
        }

        for (var i = Size - Offset; i < Size - 1; i++)
        {
            _state[i] = _state[i + Offset - Size] ^ Twisted(_state[i], _state[i + 1]);
        }

        _state[^1] = _state[Offset - 1] ^ Twisted(_state[^1], _state[0]);
        _used = 0;
    }

    private static uint Twisted(uint upper, uint lower)
    {
        var y = (upper & UpperBit) | (lower & ~UpperBit);
        return (y >> 1) ^ (0x9908_b0df & (0 - (y & 1)));
    }
}
