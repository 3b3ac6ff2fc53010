# A server of a shipped model: docker build -t anatomy-tf . && docker run -p 127.0.0.1:8501:8501 anatomy-tf
#
# Of other models: docker run -v /models/walker:/model:ro -p 127.0.0.1:8501:8501 anatomy-tf /model --name walker
FROM python:3.11-slim

WORKDIR /opt/anatomy-tf
COPY . .
RUN pip install --no-cache-dir -c constraints.txt ".[serve]" && rm -rf /opt/anatomy-tf

RUN useradd --create-home server
USER server
WORKDIR /home/server
# Ray keeps its objects in shared memory; --shm-size 256m gives it more than Docker's 64 MB.
EXPOSE 8500 8501
HEALTHCHECK --start-period=120s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/-/healthz')"]
# Inside the container all addresses; what is published (-p) decides who reaches them.
ENTRYPOINT ["anatomy-tf", "serve", "--host", "0.0.0.0"]
CMD ["compact"]
