// Exists so that the precompiled test header has a home.
namespace entente::testing {}
